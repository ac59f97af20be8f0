package dev.tether.reactor.socket;

import static dev.tether.reactor.socket.SocketFixture.TIMEOUT;
import static dev.tether.reactor.socket.SocketFixture.onLoop;
import static dev.tether.reactor.socket.SocketFixture.pattern;
import static dev.tether.reactor.socket.SocketFixture.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf("epoll")
class EpollDatagramSocketTest extends DatagramSocketContract {

    /** asm-generic/socket.h. The kernel refuses with EINVAL to segment what it does not checksum. */
    private static final ChannelOption<Integer> SO_NO_CHECK =
            new IntegerUnixChannelOption("SO_NO_CHECK", /* SOL_SOCKET */ 1, 11);

    static boolean epoll() {
        return Epoll.isAvailable();
    }

    @Override
    UdpSocketOptions options() {
        return UdpSocketOptions.defaults();
    }

    @Override
    SocketCapabilities expectedCapabilities() {
        return new SocketCapabilities(true, true, "epoll");
    }

    @Test
    void aRunThatTheKernelDoesNotSegmentGoesOutAsSingleDatagramsFromThenOn() throws Exception {
        UdpDatagramSocket sender = fixture.bind();
        UdpDatagramSocket receiver = fixture.bind();
        Inbox inbox = new Inbox(receiver);
        onLoop(sender, () -> sender.channel().config().setOption(SO_NO_CHECK, 1));

        send(sender, receiver.localAddress(), pattern(9_500), 1_000);

        assertThat(inbox.next(10)).first().isEqualTo(pattern(1_000));
        assertThat(onLoop(sender, sender::capabilities).gso()).isFalse();
        assertThat(sender.counters()).isEqualTo(new SocketCounters(0, 0, 10, 9_500, 0, 0, 0));

        send(sender, receiver.localAddress(), pattern(9_500), 1_000);

        assertThat(inbox.next(10))
                .last()
                .satisfies(datagram -> assertThat(datagram).hasSize(500));
        assertThat(sender.counters().sendErrors()).isZero();
    }

    @Test
    void aRunThatFailsOnAccountOfItsDestinationKeepsTheOffload() throws Exception {
        UdpDatagramSocket sender = fixture.bind();
        CountDownLatch reports = new CountDownLatch(3);
        onLoop(sender, () -> {
            sender.onSendError((to, cause) -> reports.countDown());
            return true;
        });

        send(sender, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), pattern(3_000), 1_000);

        assertThat(reports.await(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(sender.counters().sendErrors()).isEqualTo(3);
        assertThat(sender.capabilities().gso()).isTrue();
    }

    @Test
    void theKernelNeitherFragmentsNorFollowsIcmp() throws Exception {
        UdpDatagramSocket socket = fixture.bind("::1");

        assertThat(onLoop(
                        socket,
                        () -> socket.channel()
                                .config()
                                .getOption(new IntegerUnixChannelOption("IP_MTU_DISCOVER", 0, 10))))
                .isEqualTo(3);
        assertThat(onLoop(
                        socket,
                        () -> socket.channel()
                                .config()
                                .getOption(new IntegerUnixChannelOption("IPV6_MTU_DISCOVER", 41, 23))))
                .isEqualTo(3);
    }
}
