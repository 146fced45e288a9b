function main(n)
  local seed, recs = 42, {}
  for i = 1, n do
    seed = seed * 16807 % 2147483647
    recs[i] = { id = i, name = "owner" .. (seed % 1000), amount = seed % 10000, active = seed % 3 ~= 0 }
  end
  local kept = {}
  for _, r in ipairs(recs) do
    if r.active and r.amount > 1000 then kept[#kept + 1] = r end
  end
  table.sort(kept, function(a, b)
    if a.amount ~= b.amount then return a.amount > b.amount end
    return a.id < b.id
  end)
  local out = {}
  for i, r in ipairs(kept) do
    out[#out + 1] = { key = r.name .. "#" .. r.id, value = r.amount * 2, rank = i }
  end
  local sum = 0
  for _, r in ipairs(out) do sum = sum + (r.rank % 10) * r.value + #r.key end
  return sum
end
