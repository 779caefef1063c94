module.exports = (value) => value;
module.exports.never = () => new Promise(() => undefined);
