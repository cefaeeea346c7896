let x = process.argv[2].charCodeAt(0);
for (let i = 0; i < 200_000; i++) x = (x * 48271) % 2147483647;
console.log(x % 100);
