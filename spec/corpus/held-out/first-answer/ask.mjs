let x = process.argv[2].length;
for (let i = 0; i < 300_000; i++) x = Math.cos(x);
console.log(x.toFixed(6));
