package dev.tether.reactor.socket;

import io.netty.channel.epoll.Epoll;
import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf("epoll")
class EpollWithoutOffloadDatagramSocketTest extends DatagramSocketContract {

    static boolean epoll() {
        return Epoll.isAvailable();
    }

    @Override
    UdpSocketOptions options() {
        return UdpSocketOptions.defaults().withOffload(false);
    }

    @Override
    SocketCapabilities expectedCapabilities() {
        return new SocketCapabilities(false, false, "epoll");
    }
}
