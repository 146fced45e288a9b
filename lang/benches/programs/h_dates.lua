local start = os.time { year = 2024, month = 1, day = 15, hour = 9, min = 30, sec = 0 }
local sum = 0
for turn = 0, 99999 do
  local due = start + turn * 37 * 60 + 30 * 86400
  local shown = os.date("!%Y-%m-%d %H:%M:%S", due)
  local line = string.format("#%06d %s %9.2f", turn, shown, turn / 8)
  local year, month, day = shown:match("(%d+)-(%d+)-(%d+)")
  local midnight = os.time { year = year, month = month, day = day, hour = 0 }
  local days = math.floor((midnight - start) / 86400)
  sum = sum + #line + days + tonumber(month)
end
return sum
