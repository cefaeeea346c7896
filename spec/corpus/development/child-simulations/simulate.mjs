const days = Number(process.argv[2]);
let stock = 100;
for (let day = 0; day < days; day++) stock *= 1 + (Math.random() - 0.49) / 20;
console.log(stock);
