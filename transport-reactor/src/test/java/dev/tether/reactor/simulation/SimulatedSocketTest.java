package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.simulation.DropCause;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.reactor.socket.DatagramSocket;
import dev.tether.reactor.socket.SocketCapabilities;
import dev.tether.reactor.socket.SocketCounters;
import dev.tether.reactor.socket.UdpSocketOptions;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.test.StepVerifier;

/** What a real socket does (see DatagramSocketContract), a simulated one does too. */
class SimulatedSocketTest {

    private final SimulatedNetwork network = SimulatedNetwork.create(1);
    private final SimulatedHost a = network.host("a");
    private final SimulatedHost b = network.host("b");

    @AfterEach
    void noBufferLeaks() {
        network.advance(Duration.ofSeconds(2));
        assertThat(network.datagramBytes()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"1", "1200", "65507"})
    void aDatagramArrivesUnchanged(int size) {
        RawSocket from = RawSocket.bind(network, a, 1);
        RawSocket to = RawSocket.bind(network, b, 2);

        from.send(to.address(), pattern(size));
        network.advance(Duration.ofMillis(10));

        assertThat(to.received).singleElement().satisfies(received -> {
            assertThat(received.bytes()).isEqualTo(pattern(size));
            assertThat(received.from()).isEqualTo(from.address());
            assertThat(received.timeNs()).isEqualTo(10_000_000);
        });
    }

    @Test
    void hostsOfIpVersion6ReachOneAnother() throws Exception {
        SimulatedHost six = network.host("six", InetAddress.getByName("2001:db8::6"));
        SimulatedHost seven = network.host("seven", InetAddress.getByName("2001:db8::7"));
        RawSocket from = RawSocket.bind(network, six, 1);
        RawSocket to = RawSocket.bind(network, seven, 2);

        from.send(to.address(), pattern(100));
        network.advance(Duration.ofSeconds(1));

        assertThat(to.received)
                .singleElement()
                .satisfies(it -> assertThat(it.from()).isEqualTo(new InetSocketAddress("2001:db8::6", 1)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRunArrivesAsItsDatagramsInOrder(boolean offload) {
        a.setOffload(offload);
        RawSocket from = RawSocket.bind(network, a, 1);
        RawSocket to = RawSocket.bind(network, b, 2);
        byte[] run = pattern(130 * 1_000 + 77);

        from.onLoop(() -> {
            assertThat(from.socket.send(to.address(), run, 0, run.length, 1_000))
                    .isTrue();
            from.socket.flush();
        });
        network.advance(Duration.ofSeconds(1));

        assertThat(from.socket.capabilities()).isEqualTo(new SocketCapabilities(offload, false, "simulated"));
        assertThat(to.received).hasSize(131);
        ByteBuffer joined = ByteBuffer.allocate(run.length);
        to.received.forEach(it -> joined.put(it.bytes()));
        assertThat(joined.array()).isEqualTo(run);
        assertThat(from.socket.counters()).isEqualTo(new SocketCounters(0, 0, 131, run.length, 0, 0, 0));
        assertThat(to.socket.counters()).isEqualTo(new SocketCounters(131, run.length, 0, 0, 0, 0, 0));
    }

    @Test
    void theSliceOfTheArrayIsSentAndTheArrayIsTheCallersAgain() {
        RawSocket from = RawSocket.bind(network, a, 1);
        RawSocket to = RawSocket.bind(network, b, 2);
        byte[] data = {1, 2, 3, 4, 5};

        from.onLoop(() -> {
            from.socket.send(to.address(), data, 1, 3, 3);
            data[2] = 99;
            from.socket.flush();
        });
        network.advance(Duration.ofSeconds(1));

        assertThat(to.received)
                .singleElement()
                .satisfies(it -> assertThat(it.bytes()).containsExactly(2, 3, 4));
    }

    @Test
    void whatIsNotFlushedIsNotSent() {
        RawSocket from = RawSocket.bind(network, a, 1);
        RawSocket to = RawSocket.bind(network, b, 2);

        from.onLoop(() -> from.socket.send(to.address(), pattern(10), 0, 10, 10));
        network.advance(Duration.ofSeconds(1));

        assertThat(to.received).isEmpty();
    }

    @Test
    void theBatchEndComesAfterTheDatagramsOfItsBatchAndOnlyThen() {
        RawSocket from = RawSocket.bind(network, a, 1);
        DatagramSocket to = RawSocket.bindOnly(b, 2, UdpSocketOptions.defaults());
        List<Integer> batches = new ArrayList<>();
        int[] sinceBatchEnd = new int[1];
        to.onBatchEnd(() -> {
            batches.add(sinceBatchEnd[0]);
            sinceBatchEnd[0] = 0;
        });
        to.inbound().subscribe(packet -> {
            assertThat(to.inLoop()).isTrue();
            sinceBatchEnd[0]++;
            packet.release();
        });

        from.onLoop(() -> {
            from.socket.send(to.localAddress(), pattern(40_000), 0, 40_000, 1_000);
            from.socket.flush();
        });
        network.advance(Duration.ofSeconds(1));

        assertThat(batches).isNotEmpty().allMatch(size -> size > 0 && size <= 32);
        assertThat(batches.stream().mapToInt(Integer::intValue).sum()).isEqualTo(40);
    }

    @Test
    void whatArrivedBeforeTheSubscriptionIsNotLostAndNothingComesWithoutDemand() {
        RawSocket from = RawSocket.bind(network, a, 1);
        DatagramSocket to = RawSocket.bindOnly(b, 2, UdpSocketOptions.defaults());
        for (int i = 0; i < 3; i++) {
            from.send(to.localAddress(), new byte[] {(byte) i});
        }
        network.advance(Duration.ofSeconds(1));

        StepVerifier.create(to.inbound().map(SimulatedSocketTest::bytes), 0)
                .expectSubscription()
                .then(() -> network.advance(Duration.ofSeconds(1)))
                .thenRequest(2)
                .expectNextMatches(bytes -> bytes[0] == 0)
                .expectNextMatches(bytes -> bytes[0] == 1)
                .then(() -> network.advance(Duration.ofSeconds(1)))
                .thenRequest(1)
                .expectNextMatches(bytes -> bytes[0] == 2)
                .thenCancel()
                .verify();
    }

    @Test
    void aFullReceiveBufferDropsWhatComes() {
        RawSocket from = RawSocket.bind(network, a, 1);
        DatagramSocket to = RawSocket.bindOnly(b, 2, UdpSocketOptions.defaults());
        for (int i = 0; i < 300; i++) {
            from.send(to.localAddress(), new byte[1_000]);
        }
        network.advance(Duration.ofSeconds(1));

        assertThat(network.statistics().arrived()).isEqualTo(212);
        assertThat(network.statistics().dropped()).containsEntry(DropCause.BUFFER_FULL, 88L);
    }

    @Test
    void aSecondSubscriberIsRejectedAlsoAfterTheFirstHasCancelled() {
        DatagramSocket socket = RawSocket.bindOnly(a, 1, UdpSocketOptions.defaults());
        Disposable first = socket.inbound().subscribe();

        StepVerifier.create(socket.inbound()).verifyError(IllegalStateException.class);
        first.dispose();
        StepVerifier.create(socket.inbound()).verifyError(IllegalStateException.class);
    }

    @Test
    void aCancelledSubscriberLeavesTheSocketOpenAndWhatArrivesIsDiscarded() {
        RawSocket from = RawSocket.bind(network, a, 1);
        DatagramSocket to = RawSocket.bindOnly(b, 2, UdpSocketOptions.defaults());
        List<DatagramPacket> taken = new ArrayList<>();
        to.inbound().subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.request(1);
            }

            @Override
            protected void hookOnNext(DatagramPacket packet) {
                packet.release();
                taken.add(packet);
                cancel();
            }
        });
        for (int i = 0; i < 1_000; i++) {
            from.send(to.localAddress(), new byte[1_000]);
        }
        network.advance(Duration.ofSeconds(1));
        to.scheduler().schedule(() -> {
            to.send(from.address(), pattern(60), 0, 60, 60);
            to.flush();
        });
        network.advance(Duration.ofSeconds(1));

        assertThat(taken).hasSize(1);
        assertThat(from.received).hasSize(1);
        // Nobody drains within one instant, so the buffer of the kernel sets the limit; later ones find it empty.
        from.send(to.localAddress(), new byte[1_000]);
        network.advance(Duration.ofSeconds(1));
        assertThat(network.statistics().dropped()).doesNotContainKey(DropCause.PORT_CLOSED);
        assertThat(to.counters().datagramsIn()).isEqualTo(network.statistics().arrived() - 1);
    }

    @Test
    void aStalledInterfaceTakesNothingUpToTheLimitAndIsWritableAgainAfterIt() {
        DatagramSocket from =
                RawSocket.bindOnly(a, 1, UdpSocketOptions.defaults().withOutboundLimit(10));
        RawSocket to = RawSocket.bind(network, b, 2);
        List<String> callbacks = new ArrayList<>();
        from.onWritable(() -> callbacks.add("writable"));
        a.stall();

        from.scheduler().schedule(() -> {
            for (int i = 0; i < 10; i++) {
                assertThat(from.isWritable()).isTrue();
                assertThat(from.send(to.address(), new byte[] {(byte) i}, 0, 1, 1))
                        .isTrue();
                from.flush();
            }
            assertThat(from.isWritable()).isFalse();
            assertThat(from.send(to.address(), new byte[] {10}, 0, 1, 1)).isFalse();
        });
        network.advance(Duration.ofSeconds(5));
        assertThat(to.received).isEmpty();
        assertThat(callbacks).isEmpty();

        a.unstall();
        network.advance(Duration.ofSeconds(1));
        assertThat(to.received).hasSize(10);
        assertThat(callbacks).containsExactly("writable");
        assertThat(from.isWritable()).isTrue();
        assertThat(from.counters().droppedOutbound()).isEqualTo(1);
    }

    @Test
    void aStallHoldsForSocketsThatAreBoundLater() {
        a.stall();
        RawSocket from = RawSocket.bind(network, a, 1);
        RawSocket to = RawSocket.bind(network, b, 2);

        from.send(to.address(), pattern(10));
        network.advance(Duration.ofSeconds(1));
        assertThat(to.received).isEmpty();
        a.unstall();
        network.advance(Duration.ofSeconds(1));
        assertThat(to.received).hasSize(1);
    }

    @Test
    void aRefusedRunLeavesASmallerOneAndTheCallbackStillComes() {
        DatagramSocket from =
                RawSocket.bindOnly(a, 1, UdpSocketOptions.defaults().withOutboundLimit(10));
        List<String> callbacks = new ArrayList<>();
        from.onWritable(() -> callbacks.add("writable"));
        InetSocketAddress to = new InetSocketAddress(b.address(), 2);

        from.scheduler().schedule(() -> {
            assertThat(from.send(to, pattern(800), 0, 800, 100)).isTrue();
            assertThat(from.send(to, pattern(300), 0, 300, 100)).isFalse();
            assertThat(from.isWritable()).isFalse();
            assertThat(from.send(to, pattern(100), 0, 100, 100)).isTrue();
            assertThat(from.isWritable()).as("until the callback").isFalse();
            from.flush();
        });
        assertThat(callbacks).containsExactly("writable");

        from.scheduler().schedule(() -> {
            assertThat(from.send(to, pattern(1_100), 0, 1_100, 100)).isFalse();
            assertThat(from.isWritable())
                    .as("what never fits waits for nothing")
                    .isTrue();
        });
    }

    @Test
    void closingSendsWhatIsQueuedAndEndsTheFluxAndFreesThePort() {
        DatagramSocket from = RawSocket.bindOnly(a, 1, UdpSocketOptions.defaults());
        RawSocket to = RawSocket.bind(network, b, 2);
        from.scheduler().schedule(() -> from.send(to.address(), pattern(3_000), 0, 3_000, 1_000));

        StepVerifier.create(from.inbound()).then(() -> from.close().subscribe()).verifyComplete();
        StepVerifier.create(from.close()).verifyComplete();
        StepVerifier.create(from.onClose()).verifyComplete();

        network.advance(Duration.ofSeconds(1));
        assertThat(to.received).hasSize(3);
        assertThat(from.isWritable()).isFalse();
        assertThat(from.send(to.address(), pattern(200), 0, 200, 100)).isFalse();
        assertThat(from.counters().droppedOutbound()).isEqualTo(2);
        assertThat(RawSocket.bind(network, a, 1).address()).isEqualTo(from.localAddress());
    }

    @Test
    void closingWaitsHalfASecondForAStalledInterface() {
        RawSocket to = RawSocket.bind(network, b, 9);
        DatagramSocket patient = RawSocket.bindOnly(a, 1, UdpSocketOptions.defaults());
        a.stall();
        List<String> closed = new ArrayList<>();
        patient.scheduler().schedule(() -> patient.send(to.address(), pattern(10), 0, 10, 10));
        patient.close().subscribe(nothing -> {}, failure -> {}, () -> closed.add("patient"));
        network.advance(Duration.ofMillis(400));
        assertThat(closed).isEmpty();
        a.unstall();
        assertThat(closed).containsExactly("patient");
        network.advance(Duration.ofSeconds(1));
        assertThat(to.received).hasSize(1);

        a.stall();
        DatagramSocket discards = RawSocket.bindOnly(a, 1, UdpSocketOptions.defaults());
        discards.scheduler().schedule(() -> discards.send(to.address(), pattern(10), 0, 10, 10));
        discards.close().subscribe(nothing -> {}, failure -> {}, () -> closed.add("discards"));
        network.advance(Duration.ofMillis(500));
        assertThat(closed).containsExactly("patient", "discards");
        assertThat(discards.counters().droppedOutbound()).isEqualTo(1);
    }

    @Test
    void aPortInUseIsABindExceptionThatNamesTheAddress() {
        RawSocket.bind(network, a, 4433);

        StepVerifier.create(a.open(new InetSocketAddress(4433), UdpSocketOptions.defaults()))
                .verifyErrorSatisfies(e -> assertThat(e)
                        .isInstanceOf(BindException.class)
                        .hasMessageContaining("4433: the port is in use"));
    }

    @Test
    void anAddressOfSomebodyElseIsABindException() {
        StepVerifier.create(a.open(new InetSocketAddress(b.address(), 1), UdpSocketOptions.defaults()))
                .verifyErrorSatisfies(e -> assertThat(e)
                        .isInstanceOf(BindException.class)
                        .hasMessageContaining(b.address().getHostAddress()));
        StepVerifier.create(a.open(new InetSocketAddress(a.address(), 1), UdpSocketOptions.defaults()))
                .expectNextCount(1)
                .verifyComplete();
    }

    @Test
    void aHostThatIsDownBindsNothing() {
        a.crash();

        StepVerifier.create(a.open(new InetSocketAddress(1), UdpSocketOptions.defaults()))
                .verifyErrorSatisfies(e ->
                        assertThat(e).isInstanceOf(BindException.class).hasMessageContaining("the host a is down"));
    }

    @Test
    void ephemeralPortsDiffer() {
        assertThat(RawSocket.bind(network, a, 0).address())
                .isNotEqualTo(RawSocket.bind(network, a, 0).address());
    }

    @Test
    void aCrashEndsTheFluxWithAnErrorAlsoForALateSubscriber() {
        DatagramSocket early = RawSocket.bindOnly(a, 1, UdpSocketOptions.defaults());
        DatagramSocket late = RawSocket.bindOnly(a, 2, UdpSocketOptions.defaults());

        StepVerifier.create(early.inbound()).then(a::crash).verifyError(IOException.class);
        StepVerifier.create(late.inbound()).verifyError(IOException.class);
        StepVerifier.create(late.onClose()).verifyComplete();
    }

    @Test
    void whatIsTooLargeForThePathIsReportedWithItsDestination() {
        network.link(a, b).change(SimulatedNetwork.DEFAULT_LINK.mtu(1_200));
        assertReported(new InetSocketAddress(b.address(), 2), 1_201);
        assertThat(network.statistics().dropped()).containsEntry(DropCause.TOO_LARGE, 1L);
    }

    @Test
    void whatIsTooLargeForUdpIsReportedWithItsDestination() {
        assertReported(new InetSocketAddress(b.address(), 2), 65_508);
    }

    @Test
    void theOtherVersionOfIpIsReported() throws Exception {
        assertReported(new InetSocketAddress(InetAddress.getByName("2001:db8::1"), 2), 100);
    }

    @Test
    void anUnresolvedDestinationIsReported() {
        assertReported(InetSocketAddress.createUnresolved("nobody.invalid", 2), 100);
    }

    @Test
    void aBlackHoleTellsNobody() {
        network.link(a, b).change(LinkSettings.PERFECT.mtu(1_200).blackHole(true));
        RawSocket from = RawSocket.bind(network, a, 1);

        from.send(new InetSocketAddress(b.address(), 2), pattern(1_201));
        network.advance(Duration.ofSeconds(1));

        assertThat(from.socket.counters().sendErrors()).isZero();
        assertThat(network.statistics().dropped()).containsEntry(DropCause.BLACK_HOLE, 1L);
    }

    @Test
    void anEmptyDatagramIsACallersBug() {
        DatagramSocket socket = RawSocket.bindOnly(a, 1, UdpSocketOptions.defaults());

        assertThatThrownBy(() -> socket.send(socket.localAddress(), new byte[0], 0, 0, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void assertReported(InetSocketAddress to, int size) {
        RawSocket from = RawSocket.bind(network, a, 1);
        AtomicReference<InetSocketAddress> reported = new AtomicReference<>();
        from.socket.onSendError((failed, cause) -> {
            assertThat(from.socket.inLoop()).isTrue();
            reported.set(failed);
        });

        from.onLoop(() -> {
            assertThat(from.socket.send(to, pattern(size), 0, size, size)).isTrue();
            from.socket.flush();
            assertThat(reported).as("not from within the flush").hasValue(null);
        });

        assertThat(reported).hasValue(to);
        assertThat(from.socket.counters().sendErrors()).isEqualTo(1);
    }

    private static byte[] bytes(DatagramPacket packet) {
        try {
            return ByteBufUtil.getBytes(packet.content());
        } finally {
            packet.release();
        }
    }

    private static byte[] pattern(int length) {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++) {
            data[i] = (byte) (i * 31 + (i >>> 8) * 17);
        }
        return data;
    }
}
