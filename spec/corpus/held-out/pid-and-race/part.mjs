let x = 1;
for (let i = 0; i < 100_000; i++) x = Math.sin(x + i);
console.log(process.argv[2]);
