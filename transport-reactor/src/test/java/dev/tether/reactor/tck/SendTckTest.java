package dev.tether.reactor.tck;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicReference;
import org.reactivestreams.Subscriber;
import org.reactivestreams.tck.SubscriberBlackboxVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;

/** What the transport subscribes to the messages of a {@code send} with. */
@SuppressWarnings("NullAway.Init")
public class SendTckTest extends SubscriberBlackboxVerification<ByteBuf> {

    private Loopback loopback;

    public SendTckTest() {
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
        loopback.connect()
                .dialing()
                .send(it -> subscriber.set((Subscriber<ByteBuf>) it))
                .subscribe(nothing -> {}, failure -> {});
        return requireNonNull(subscriber.get());
    }

    @Override
    public ByteBuf createElement(int element) {
        return Loopback.bytes(element);
    }
}
