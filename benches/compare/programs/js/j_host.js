function main(n) {
  let s = 0;
  for (let i = 1; i <= n; i++) s += ask(i, 1);
  return s;
}
