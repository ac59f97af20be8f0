package dev.tether.reactor.tck;

import static java.util.Objects.requireNonNull;

import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerStream;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicInteger;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** The bytes of a stream. Each buffer is sent when the one before was received, and so is an element of its own. */
@SuppressWarnings("NullAway.Init")
public class StreamReceiveTckTest extends PublisherVerification<ByteBuf> {

    private Loopback loopback;

    public StreamReceiveTckTest() {
        super(new TestEnvironment(2_000, 200));
    }

    @BeforeMethod
    public void open() {
        loopback = new Loopback();
    }

    @AfterMethod
    public void close() {
        loopback.close();
    }

    @Override
    public long maxElementsFromPublisher() {
        return 20;
    }

    @Override
    public Publisher<ByteBuf> createPublisher(long elements) {
        Loopback.Pair pair = loopback.connect();
        PeerStream sending = requireNonNull(pair.accepting().openUniStream().block(Loopback.LIMIT));
        Mono<PeerStream> received = pair.dialing().streams().next();
        Sinks.Many<ByteBuf> source = Sinks.many().unicast().onBackpressureBuffer();
        AtomicInteger sent = new AtomicInteger();
        Runnable next = () -> {
            if (sent.get() == elements) {
                source.tryEmitComplete().orThrow();
            } else {
                source.tryEmitNext(Loopback.bytes(sent.getAndIncrement())).orThrow();
            }
        };
        sending.send(source.asFlux()).subscribe(nothing -> {}, failure -> {});
        next.run();
        return requireNonNull(received.block(Loopback.LIMIT)).receive().doOnNext(bytes -> next.run());
    }

    @Override
    public Publisher<ByteBuf> createFailedPublisher() {
        PeerConnection connection = loopback.connect().dialing();
        PeerStream stream = requireNonNull(connection.openStream().block(Loopback.LIMIT));
        stream.receive().subscribe();
        return stream.receive();
    }
}
