local json = require "cjson"
local groups = {}
for _, contact in ipairs(json.decode(DOCUMENT).contacts) do
  if contact.active and contact.address.country ~= "XX" then
    local row = {
      id = contact.id,
      name = contact.first_name .. " " .. contact.last_name,
      mail = contact.email:lower(),
      city = contact.address.city,
      tag = contact.tags[1],
      balance = contact.balance,
      phones = contact.phones,
    }
    local company = contact.company.name
    local group = groups[company]
    if group == nil then
      group = { count = 0, score = 0, contacts = {} }
      groups[company] = group
    end
    group.count = group.count + 1
    group.score = group.score + contact.score
    group.contacts[#group.contacts + 1] = row
  end
end
return #json.encode(groups)
