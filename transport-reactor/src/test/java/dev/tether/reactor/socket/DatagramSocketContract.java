package dev.tether.reactor.socket;

import static dev.tether.reactor.socket.SocketFixture.TIMEOUT;
import static dev.tether.reactor.socket.SocketFixture.onLoop;
import static dev.tether.reactor.socket.SocketFixture.pattern;
import static dev.tether.reactor.socket.SocketFixture.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** What every way of binding a UDP socket has to do, on real loopback sockets. */
abstract class DatagramSocketContract {

    SocketFixture fixture;

    abstract UdpSocketOptions options();

    abstract SocketCapabilities expectedCapabilities();

    @BeforeEach
    void openFixture() {
        fixture = new SocketFixture(options());
    }

    @AfterEach
    void closeFixtureWithoutLeaks() throws Exception {
        fixture.close();
    }

    @Test
    void makesUseOfWhatTheTransportOffers() {
        assertThat(fixture.bind().capabilities()).isEqualTo(expectedCapabilities());
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 1",
        "127.0.0.1, 1200",
        "127.0.0.1, 1400",
        "127.0.0.1, 65000",
        "::1, 1",
        "::1, 1200",
        "::1, 1400",
        "::1, 65000"
    })
    void aDatagramArrivesUnchanged(String host, int size) throws Exception {
        UdpDatagramSocket sender = fixture.bind(host);
        UdpDatagramSocket receiver = fixture.bind(host);
        Inbox inbox = new Inbox(receiver);

        assertThat(send(sender, receiver.localAddress(), pattern(size), size)).isTrue();

        assertThat(inbox.next()).isEqualTo(pattern(size));
        assertThat(inbox.lastSender()).isEqualTo(sender.localAddress());
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void theWildcardAddressReceivesBothIpVersions(String host) throws Exception {
        UdpDatagramSocket sender = fixture.bind(host);
        UdpDatagramSocket receiver = fixture.bind("0.0.0.0");
        Inbox inbox = new Inbox(receiver);

        send(sender, new InetSocketAddress(host, receiver.localAddress().getPort()), pattern(100), 100);

        assertThat(inbox.next()).isEqualTo(pattern(100));
        assertThat(inbox.lastSender()).isEqualTo(sender.localAddress());
    }

    @Test
    void theSliceOfTheArrayIsSent() throws Exception {
        UdpDatagramSocket sender = fixture.bind();
        UdpDatagramSocket receiver = fixture.bind();
        Inbox inbox = new Inbox(receiver);

        onLoop(sender, () -> {
            boolean accepted = sender.send(receiver.localAddress(), new byte[] {1, 2, 3, 4, 5}, 1, 3, 3);
            sender.flush();
            return accepted;
        });

        assertThat(inbox.next()).containsExactly(2, 3, 4);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 64, 1000, 0",
        "127.0.0.1, 10, 1000, 300",
        "127.0.0.1, 2, 1, 0",
        "127.0.0.1, 130, 1200, 77",
        "127.0.0.1, 3, 30000, 1",
        "127.0.0.1, 64, 1023, 0",
        "::1, 64, 1023, 0",
        "::1, 130, 1200, 77"
    })
    void aRunArrivesAsItsDatagrams(String host, int full, int segmentSize, int last) throws Exception {
        UdpDatagramSocket sender = fixture.bind(host);
        UdpDatagramSocket receiver = fixture.bind(host);
        Inbox inbox = new Inbox(receiver);
        byte[] run = pattern(full * segmentSize + last);
        int datagrams = full + (last > 0 ? 1 : 0);

        assertThat(send(sender, receiver.localAddress(), run, segmentSize)).isTrue();

        ByteBuffer joined = ByteBuffer.allocate(run.length);
        List<byte[]> arrived = inbox.next(datagrams);
        arrived.forEach(joined::put);
        assertThat(arrived.subList(0, full))
                .allSatisfy(datagram -> assertThat(datagram).hasSize(segmentSize));
        assertThat(joined.array()).isEqualTo(run);
        assertThat(inbox.isEmpty()).isTrue();
        assertThat(onLoop(sender, sender::counters).datagramsOut()).isEqualTo(datagrams);
        assertThat(sender.capabilities()).isEqualTo(expectedCapabilities());
    }

    @Test
    void countersCountDatagramsAndPayload() throws Exception {
        UdpDatagramSocket sender = fixture.bind();
        UdpDatagramSocket receiver = fixture.bind();
        Inbox inbox = new Inbox(receiver);

        send(sender, receiver.localAddress(), pattern(2_500), 1_000);
        inbox.next(3);

        assertThat(onLoop(sender, sender::counters)).isEqualTo(new SocketCounters(0, 0, 3, 2_500, 0, 0, 0));
        assertThat(onLoop(receiver, receiver::counters)).isEqualTo(new SocketCounters(3, 2_500, 0, 0, 0, 0, 0));
    }

    @Test
    void theBatchEndComesAfterTheDatagramsOfTheBatch() throws Exception {
        UdpDatagramSocket sender = fixture.bind();
        UdpDatagramSocket receiver = fixture.bind();
        Inbox inbox = new Inbox(receiver);

        send(sender, receiver.localAddress(), pattern(5_000), 1_000);

        int seen = 0;
        int sinceBatchEnd = 0;
        while (seen < 5 || sinceBatchEnd > 0) {
            if (inbox.nextEvent() == Inbox.BATCH_END) {
                assertThat(sinceBatchEnd).as("datagrams before a batch end").isPositive();
                sinceBatchEnd = 0;
            } else {
                seen++;
                sinceBatchEnd++;
            }
        }
        assertThat(seen).isEqualTo(5);
    }

    @Test
    void whatArrivedBeforeTheSubscriptionIsNotLost() throws Exception {
        UdpDatagramSocket sender = fixture.bind();
        UdpDatagramSocket receiver = fixture.bind();

        send(sender, receiver.localAddress(), pattern(50), 50);

        assertThat(new Inbox(receiver).next()).isEqualTo(pattern(50));
    }

    @Test
    void aSecondSubscriberIsRejected() throws Exception {
        UdpDatagramSocket socket = fixture.bind();
        Inbox first = new Inbox(socket);

        StepVerifier.create(socket.inbound())
                .expectError(IllegalStateException.class)
                .verify(TIMEOUT);

        assertThat(first.end()).isNotDone();
    }

    @Test
    void aCancelledSubscriberLeavesTheSocketOpen() throws Exception {
        UdpDatagramSocket sender = fixture.bind();
        UdpDatagramSocket receiver = fixture.bind();
        onLoop(receiver, () -> receiver.inbound().subscribe()).dispose();
        Inbox back = new Inbox(sender);

        send(sender, receiver.localAddress(), pattern(50), 50);
        send(receiver, sender.localAddress(), pattern(60), 60);

        assertThat(back.next()).isEqualTo(pattern(60));
    }

    @Test
    void aFullQueueRefusesAndIsWritableAgainOnceItEmptied() throws Exception {
        UdpDatagramSocket sender = fixture.bindWithLimit(10);
        UdpDatagramSocket receiver = fixture.bind();
        Inbox inbox = new Inbox(receiver);
        CountDownLatch writable = new CountDownLatch(1);

        onLoop(sender, () -> {
            sender.onWritable(writable::countDown);
            for (int i = 0; i < 10; i++) {
                assertThat(sender.isWritable()).isTrue();
                assertThat(sender.send(receiver.localAddress(), new byte[] {(byte) i}, 0, 1, 1))
                        .isTrue();
            }
            assertThat(sender.isWritable()).isFalse();
            assertThat(sender.send(receiver.localAddress(), new byte[] {10}, 0, 1, 1))
                    .isFalse();
            sender.flush();
            return true;
        });

        assertThat(writable.await(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(onLoop(sender, sender::isWritable)).isTrue();
        assertThat(sender.counters().droppedOutbound()).isEqualTo(1);
        for (int i = 0; i < 10; i++) {
            assertThat(inbox.next()).containsExactly(i);
        }
        assertThat(inbox.isEmpty()).isTrue();
    }

    @Test
    void aRunWithoutRoomForAllOfItIsRefusedWhole() throws Exception {
        UdpDatagramSocket sender = fixture.bindWithLimit(10);
        UdpDatagramSocket receiver = fixture.bind();
        Inbox inbox = new Inbox(receiver);

        onLoop(sender, () -> {
            assertThat(sender.send(receiver.localAddress(), pattern(800), 0, 800, 100))
                    .isTrue();
            assertThat(sender.send(receiver.localAddress(), pattern(300), 0, 300, 100))
                    .isFalse();
            assertThat(sender.isWritable()).isFalse();
            sender.flush();
            return true;
        });

        inbox.next(8);
        assertThat(inbox.isEmpty()).isTrue();
        assertThat(sender.counters().droppedOutbound()).isEqualTo(3);
    }

    @Test
    void aWritableCallbackMaySendAtOnce() throws Exception {
        UdpDatagramSocket sender = fixture.bindWithLimit(2);
        UdpDatagramSocket receiver = fixture.bind();
        Inbox inbox = new Inbox(receiver);
        byte[] data = {7};
        int[] left = {20};

        onLoop(sender, () -> {
            Runnable produce = () -> {
                while (left[0] > 0 && sender.isWritable() && sender.send(receiver.localAddress(), data, 0, 1, 1)) {
                    left[0]--;
                }
                sender.flush();
            };
            sender.onWritable(produce);
            produce.run();
            return true;
        });

        assertThat(inbox.next(20)).allSatisfy(datagram -> assertThat(datagram).isEqualTo(data));
    }

    @Test
    void closingEndsTheFluxAndFreesTheAddress() throws Exception {
        UdpDatagramSocket socket = fixture.bind();
        Inbox inbox = new Inbox(socket);

        StepVerifier.create(socket.close()).expectComplete().verify(TIMEOUT);
        StepVerifier.create(socket.onClose()).expectComplete().verify(TIMEOUT);

        assertThat(inbox.end()).succeedsWithin(TIMEOUT);
        UdpDatagramSocket next = UdpDatagramSocket.bind(socket.localAddress(), fixture.loops(), fixture.options())
                .blockOptional(TIMEOUT)
                .orElseThrow();
        next.close().block(TIMEOUT);
    }

    @Test
    void closingSendsWhatIsQueued() throws Exception {
        UdpDatagramSocket sender = fixture.bind();
        UdpDatagramSocket receiver = fixture.bind();
        Inbox inbox = new Inbox(receiver);

        onLoop(sender, () -> sender.send(receiver.localAddress(), pattern(3_000), 0, 3_000, 1_000));
        sender.close().block(TIMEOUT);

        assertThat(inbox.next(3)).allSatisfy(datagram -> assertThat(datagram).hasSize(1_000));
    }

    @Test
    void aClosedSocketRefusesAndCounts() throws Exception {
        UdpDatagramSocket sender = fixture.bind();
        sender.close().block(TIMEOUT);

        assertThat(send(sender, sender.localAddress(), pattern(200), 100)).isFalse();

        assertThat(onLoop(sender, sender::isWritable)).isFalse();
        assertThat(sender.counters().droppedOutbound()).isEqualTo(2);
    }

    @Test
    void closingTheChannelDiscardsWhatIsQueued() throws Exception {
        UdpDatagramSocket sender = fixture.bind();

        onLoop(sender, () -> {
            sender.send(sender.localAddress(), pattern(5_000), 0, 5_000, 1_000);
            return sender.channel().close();
        });
        sender.onClose().block(TIMEOUT);

        assertThat(onLoop(sender, sender::counters).droppedOutbound()).isEqualTo(5);
        assertThat(onLoop(sender, sender::isWritable)).isFalse();
        assertThat(send(sender, sender.localAddress(), pattern(10), 10)).isFalse();
    }

    @Test
    void anAddressInUseIsABindExceptionThatNamesIt() {
        UdpDatagramSocket first = fixture.bind();

        StepVerifier.create(UdpDatagramSocket.bind(first.localAddress(), fixture.loops(), fixture.options()))
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(BindException.class)
                        .hasMessageContaining(
                                "127.0.0.1:" + first.localAddress().getPort()))
                .verify(TIMEOUT);
    }

    @Test
    void anUnresolvedAddressIsABindException() {
        StepVerifier.create(UdpDatagramSocket.bind(
                        InetSocketAddress.createUnresolved("peer.invalid", 1), fixture.loops(), fixture.options()))
                .expectError(BindException.class)
                .verify(TIMEOUT);
    }

    @Test
    void socketsThatReuseThePortShareTheAddress() throws Exception {
        UdpSocketOptions shared = fixture.options().withReusePort(true);
        UdpDatagramSocket first = UdpDatagramSocket.bind(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), fixture.loops(), shared)
                .blockOptional(TIMEOUT)
                .orElseThrow();
        UdpDatagramSocket second = UdpDatagramSocket.bind(first.localAddress(), fixture.loops(), shared)
                .blockOptional(TIMEOUT)
                .orElseThrow();

        assertThat(second.localAddress()).isEqualTo(first.localAddress());

        first.close().then(second.close()).block(TIMEOUT);
    }

    @Test
    void sendingToAClosedPortLeavesTheSocketAlive() throws Exception {
        UdpDatagramSocket gone = fixture.bind();
        gone.close().block(TIMEOUT);
        UdpDatagramSocket sender = fixture.bind();
        UdpDatagramSocket receiver = fixture.bind();
        Inbox inbox = new Inbox(receiver);
        Inbox back = new Inbox(sender);

        for (int i = 0; i < 5; i++) {
            assertThat(send(sender, gone.localAddress(), pattern(3_000), 1_000)).isTrue();
        }
        send(sender, receiver.localAddress(), pattern(10), 10);
        send(receiver, sender.localAddress(), pattern(20), 20);

        assertThat(inbox.next()).isEqualTo(pattern(10));
        assertThat(back.next()).isEqualTo(pattern(20));
        assertThat(back.end()).isNotDone();
    }

    @Test
    void anErrorOfOneDestinationOnAReadLeavesTheFluxAlive() throws Exception {
        UdpDatagramSocket sender = fixture.bind();
        UdpDatagramSocket receiver = fixture.bind();
        Inbox inbox = new Inbox(receiver);

        onLoop(receiver, () -> receiver.channel().pipeline().fireExceptionCaught(new PortUnreachableException()));
        send(sender, receiver.localAddress(), pattern(10), 10);

        assertThat(inbox.next()).isEqualTo(pattern(10));
        assertThat(inbox.end()).isNotDone();
        assertThat(receiver.counters().receiveErrors()).isEqualTo(1);
    }

    @Test
    void anyOtherErrorOnAReadEndsTheFluxWithItAndClosesTheSocket() throws Exception {
        UdpDatagramSocket socket = fixture.bind();
        Inbox inbox = new Inbox(socket);
        IllegalStateException cause = new IllegalStateException("the descriptor is gone");

        onLoop(socket, () -> socket.channel().pipeline().fireExceptionCaught(cause));

        assertThat(inbox.end()).failsWithin(TIMEOUT).withThrowableThat().withCause(cause);
        StepVerifier.create(socket.onClose()).expectComplete().verify(TIMEOUT);
    }

    @Test
    void errorsWithoutEndMeanThatTheSocketIsDead() throws Exception {
        UdpDatagramSocket socket = fixture.bind();
        Inbox inbox = new Inbox(socket);
        PortUnreachableException cause = new PortUnreachableException();

        onLoop(socket, () -> {
            for (int i = 0; i <= InboundHandler.MAX_ERRORS_IN_A_ROW; i++) {
                socket.channel().pipeline().fireExceptionCaught(cause);
            }
            return true;
        });

        assertThat(inbox.end()).failsWithin(TIMEOUT).withThrowableThat().withCause(cause);
    }

    @Test
    void aDatagramThatIsTooLongIsReportedWithItsDestination() throws Exception {
        UdpDatagramSocket sender = fixture.bind();
        UdpDatagramSocket receiver = fixture.bind();
        Inbox inbox = new Inbox(receiver);
        BlockingQueue<InetSocketAddress> reported = new LinkedBlockingQueue<>();

        onLoop(sender, () -> {
            sender.onSendError((to, cause) -> reported.add(to));
            assertThat(sender.send(receiver.localAddress(), pattern(66_000), 0, 66_000, 66_000))
                    .isTrue();
            assertThat(sender.send(receiver.localAddress(), pattern(10), 0, 10, 10))
                    .isTrue();
            sender.flush();
            assertThat(reported).as("not from within the flush").isEmpty();
            return true;
        });

        assertThat(reported.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(receiver.localAddress());
        assertThat(inbox.next()).isEqualTo(pattern(10));
        assertThat(sender.counters().sendErrors()).isEqualTo(1);
    }

    @Test
    void anIpv6DestinationOfAnIpv4SocketIsReported() throws Exception {
        UdpDatagramSocket sender = fixture.bind("127.0.0.1");
        InetSocketAddress to = new InetSocketAddress(InetAddress.getByName("2001:db8::7f00:1"), 4433);
        BlockingQueue<InetSocketAddress> reported = new LinkedBlockingQueue<>();
        onLoop(sender, () -> {
            sender.onSendError((failed, cause) -> reported.add(failed));
            return true;
        });

        assertThat(send(sender, to, pattern(2_000), 1_000)).isTrue();

        assertThat(reported.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(to);
        assertThat(sender.counters().sendErrors()).isEqualTo(2);
    }

    @Test
    void anUnresolvedDestinationIsReported() throws Exception {
        UdpDatagramSocket sender = fixture.bind();
        BlockingQueue<Throwable> reported = new LinkedBlockingQueue<>();
        onLoop(sender, () -> {
            sender.onSendError((failed, cause) -> reported.add(cause));
            return true;
        });

        send(sender, InetSocketAddress.createUnresolved("peer.invalid", 1), pattern(10), 10);

        assertThat(reported.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isNotNull();
        assertThat(onLoop(sender, sender::isWritable)).isTrue();
    }

    @Test
    void anEmptyDatagramIsACallersBug() {
        UdpDatagramSocket sender = fixture.bind();

        assertThatThrownBy(() -> send(sender, sender.localAddress(), new byte[0], 1))
                .hasCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theSchedulerIsTheSocketsLoop() throws Exception {
        UdpDatagramSocket socket = fixture.bind();

        assertThat(onLoop(socket, socket::inLoop)).isTrue();
        assertThat(onLoop(socket, Schedulers::isInNonBlockingThread))
                .as("guarded against blocking")
                .isTrue();
        assertThat(socket.inLoop()).isFalse();
    }
}
