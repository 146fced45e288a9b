-- `host` is a function in C that answers with its argument.
local sum = 0
for turn = 1, 1000000 do
  sum = sum + host(turn, 1)
end
return sum
