def main(n):
    seed, recs = 42, []
    for i in range(1, n + 1):
        seed = seed * 16807 % 2147483647
        recs.append({"id": i, "name": "owner" + str(seed % 1000), "amount": seed % 10000, "active": seed % 3 != 0})
    kept = [r for r in recs if r["active"] and r["amount"] > 1000]
    kept.sort(key=lambda r: (-r["amount"], r["id"]))
    out = [{"key": r["name"] + "#" + str(r["id"]), "value": r["amount"] * 2, "rank": i} for i, r in enumerate(kept, 1)]
    return sum((r["rank"] % 10) * r["value"] + len(r["key"]) for r in out)
