function main(n) {
  let seed = 42;
  const recs = [];
  for (let i = 1; i <= n; i++) {
    seed = seed * 16807 % 2147483647;
    recs.push({ id: i, name: "owner" + (seed % 1000), amount: seed % 10000, active: seed % 3 !== 0 });
  }
  const kept = recs.filter(r => r.active && r.amount > 1000);
  kept.sort((a, b) => b.amount - a.amount || a.id - b.id);
  const out = kept.map((r, i) => ({ key: r.name + "#" + r.id, value: r.amount * 2, rank: i + 1 }));
  let sum = 0;
  for (const r of out) sum += (r.rank % 10) * r.value + r.key.length;
  return sum;
}
