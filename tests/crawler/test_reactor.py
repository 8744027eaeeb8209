"""The loop of the process: it ends when its main coroutine does, with its result, its error, or a SIGTERM."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap

import pytest

PROGRAMS = {
    "returns": ("async def main(): return 7", "7", 0),
    "raises": ("async def main(): raise ValueError('told')", "ValueError: told", 1),
    "leaves a task and a thread behind": (
        """
        import asyncio, time
        async def main():
            asyncio.create_task(asyncio.sleep(3600))
            await asyncio.to_thread(time.sleep, 0.01)
            return 7
        """,
        "7",
        0,
    ),
    "runs a process": (
        """
        import asyncio, sys
        async def main():
            process = await asyncio.create_subprocess_exec(sys.executable, "-c", "pass")
            return await process.wait()
        """,
        "0",
        0,
    ),
}


def program(main):
    return textwrap.dedent(main) + "\nfrom crawler.reactor import run_on_reactor\nprint(run_on_reactor(main))\n"


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_main_coroutine_that(name):
    main, said, code = PROGRAMS[name]
    done = subprocess.run(
        [sys.executable, "-c", program(main)], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == code, done.stderr
    assert said in (done.stdout if code == 0 else done.stderr)


def test_sigterm_is_the_main_coroutines_to_handle():
    main = """
        import asyncio, signal
        async def main():
            stop = asyncio.Event()
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
            print("ready", flush=True)
            await stop.wait()
            return "stopped"
    """
    child = subprocess.Popen([sys.executable, "-c", program(main)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    child.send_signal(signal.SIGTERM)
    assert child.communicate(timeout=10)[0] == "stopped\n"
    assert child.returncode == 0


def test_scrapy_list_works_from_the_repository_root(pytestconfig):
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"],
        cwd=pytestconfig.rootpath,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split() == ["feed", "outlets"], done.stderr


def test_the_daemon_side_of_the_crawler_does_not_load_what_reads_pages():
    code = "import sys, crawler.service; print([n for n in ('trafilatura', 'justext', 'htmldate') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
