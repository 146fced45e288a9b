local checksum = 0
for turn = 1, 10000000 do
  checksum = (checksum * 31 + turn) % 1000003
  if checksum % 2 == 0 then
    checksum = checksum + 7
  end
end
return checksum
