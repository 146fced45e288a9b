local prices = {}
for next = 0, 999 do
  prices[#prices + 1] = next * 7919 % 1000
end
local gap = 0
for _, dear in ipairs(prices) do
  for _, cheap in ipairs(prices) do
    if dear > cheap then
      gap = gap + dear - cheap
    end
  end
end
return gap
