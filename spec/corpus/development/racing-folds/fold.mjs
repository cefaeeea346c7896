let x = Number(process.argv[2]);
for (let i = 0; i < 200_000; i++) x = Math.sin(x) + 1;
console.log(x);
