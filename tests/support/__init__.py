"""Tools that the tests share: playbook runs with a census, canary secrets, background commands, ansible-runner."""
