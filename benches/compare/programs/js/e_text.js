function main(n) {
  let total = 0, buf = "";
  for (let i = 0; i < n; i++) {
    const s = "order-" + i + ";title=" + (i % 100);
    const r = s.replace("title", "label");
    const head = r.substring(0, 8);
    const parts = r.split(";");
    total += parts[1].length + head.length;
    if (r.toUpperCase().includes("LABEL=9")) total++;
    buf = buf + head + ",";
    if (buf.length > 1000) {
      total += buf.length;
      buf = "";
    }
  }
  return total + buf.length;
}
