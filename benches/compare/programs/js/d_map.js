function main(n) {
  const m = new Map();
  for (let i = 0; i < n; i++) {
    const k = "sku" + (i * 7919 % 50000);
    m.set(k, (m.get(k) || 0) + i);
  }
  let total = 0, missing = 0;
  for (let i = 0; i < n; i++) {
    const v = m.get("sku" + (i % 60000));
    if (v !== undefined) total += v % 1000; else missing++;
  }
  return total + missing;
}
