# Runs in manage.py's shell, in whatever scope the version gives -c: no functions here. The
# first line on stdin holds the other files, worker.py first.
import json, sys, types
hello = json.loads(sys.stdin.buffer.readline().decode("utf-8"))
for name, source in hello["files"]:
    module = sys.modules["djsession_" + name] = types.ModuleType("djsession_" + name)
    exec(compile(source, "<djsession>/" + name + ".py", "exec"), module.__dict__)
sys.modules["djsession_worker"].serve(hello["mark"])
