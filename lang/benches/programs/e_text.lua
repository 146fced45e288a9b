local points, line = 0, ""
for turn = 0, 199999 do
  local entry = "order-" .. turn .. ";title=" .. (turn % 100)
  local renamed = entry:gsub("title", "label")
  local start = renamed:sub(1, 8)
  local parts = {}
  for part in renamed:gmatch("[^;]+") do
    parts[#parts + 1] = part
  end
  points = points + #parts[2] + #start
  if renamed:upper():find("LABEL=9", 1, true) then
    points = points + 1
  end
  line = line .. start .. ","
  if #line > 1000 then
    points = points + #line
    line = ""
  end
end
return points + #line
