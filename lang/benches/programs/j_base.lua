local sum = 0
for turn = 1, 1000000 do
  sum = sum + turn
end
return sum
