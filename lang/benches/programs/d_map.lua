local stock = {}
for turn = 0, 299999 do
  local sku = "sku" .. (turn * 7919 % 50000)
  stock[sku] = (stock[sku] or 0) + turn
end
local known, unknown = 0, 0
for turn = 0, 299999 do
  local amount = stock["sku" .. (turn % 60000)]
  if amount then
    known = known + amount % 1000
  else
    unknown = unknown + 1
  end
end
return known + unknown
