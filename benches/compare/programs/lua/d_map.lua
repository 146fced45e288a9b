function main(n)
  local m = {}
  for i = 0, n - 1 do
    local k = "sku" .. (i * 7919 % 50000)
    m[k] = (m[k] or 0) + i
  end
  local total, missing = 0, 0
  for i = 0, n - 1 do
    local v = m["sku" .. (i % 60000)]
    if v then total = total + v % 1000 else missing = missing + 1 end
  end
  return total + missing
end
