"""The stack runner: started, killed, starved of ports and given wrong addresses, as a process like a user's."""
