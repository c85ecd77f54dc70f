# Completion of moescope-cli in fish: the program knows its own words; names of files are offered besides.
complete -c moescope-cli -a '(moescope-cli complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
