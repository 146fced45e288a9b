local seed, deals = 42, {}
for turn = 1, 200000 do
  seed = seed * 16807 % 2147483647
  deals[#deals + 1] =
    { id = turn, owner = "owner" .. (seed % 1000), amount = seed % 10000, open = seed % 3 ~= 0 }
end
local by_amount, order = {}, {}
for _, deal in ipairs(deals) do
  if deal.open and deal.amount > 1000 then
    local rank = deal.amount * 1000000 + deal.id
    by_amount[rank] = deal
    order[#order + 1] = rank
  end
end
table.sort(order, function(a, b) return a > b end)
local rows = {}
for _, rank in ipairs(order) do
  local deal = by_amount[rank]
  rows[#rows + 1] = { key = deal.owner .. "#" .. deal.id, value = deal.amount * 2, rank = #rows + 1 }
end
local sum = 0
for _, row in ipairs(rows) do
  sum = sum + row.rank % 10 * row.value + #row.key
end
return sum
