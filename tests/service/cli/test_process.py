import asyncio
import socket

from service.cli.process import listener


async def test_the_second_half_of_an_answer_does_not_wait_for_the_first():
    taken: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def take(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        own = writer.get_extra_info("socket")
        taken.set_result(own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()
        await writer.wait_closed()

    bound = listener("127.0.0.1", 0)
    async with await asyncio.start_server(take, sock=bound):
        _, writer = await asyncio.open_connection(*bound.getsockname())
        assert await taken
        writer.close()
        await writer.wait_closed()
