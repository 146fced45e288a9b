local function split(s, sep)
  local parts = {}
  for p in s:gmatch("[^" .. sep .. "]+") do parts[#parts + 1] = p end
  return parts
end
function main(n)
  local total, buf = 0, ""
  for i = 0, n - 1 do
    local s = "order-" .. i .. ";title=" .. (i % 100)
    local r = s:gsub("title", "label")
    local head = r:sub(1, 8)
    local parts = split(r, ";")
    total = total + #parts[2] + #head
    if r:upper():find("LABEL=9", 1, true) then total = total + 1 end
    buf = buf .. head .. ","
    if #buf > 1000 then
      total = total + #buf
      buf = ""
    end
  end
  return total + #buf
end
