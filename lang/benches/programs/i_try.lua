local function risky(n)
  if n % 10 == 0 then
    error("bad " .. n, 0)
  end
  return n * 2
end
local sum, failures = 0, 0
for turn = 0, 499999 do
  local ok, answer = pcall(risky, turn)
  if ok then
    sum = sum + answer
  else
    failures = failures + 1
    sum = sum + #answer
  end
end
return sum + failures
