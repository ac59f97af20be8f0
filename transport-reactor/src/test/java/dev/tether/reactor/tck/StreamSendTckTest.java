package dev.tether.reactor.tck;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicReference;
import org.reactivestreams.Subscriber;
import org.reactivestreams.tck.SubscriberBlackboxVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;

/** What the transport subscribes to the bytes of a stream with. */
@SuppressWarnings("NullAway.Init")
public class StreamSendTckTest extends SubscriberBlackboxVerification<ByteBuf> {

    private Loopback loopback;

    public StreamSendTckTest() {
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
    @SuppressWarnings("unchecked")
    public Subscriber<ByteBuf> createSubscriber() {
        AtomicReference<Subscriber<ByteBuf>> subscriber = new AtomicReference<>();
        requireNonNull(loopback.connect().dialing().openStream().block(Loopback.LIMIT))
                .send(it -> subscriber.set((Subscriber<ByteBuf>) it))
                .subscribe(nothing -> {}, failure -> {});
        return requireNonNull(subscriber.get());
    }

    @Override
    public ByteBuf createElement(int element) {
        return Loopback.bytes(element);
    }
}
