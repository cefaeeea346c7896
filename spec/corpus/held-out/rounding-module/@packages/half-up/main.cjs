exports.round = (x, digits = 0) => Math.round(x * 10 ** digits) / 10 ** digits;
