package dev.tether.reactor.tck;

import dev.tether.reactor.PeerConnection;
import io.netty.buffer.ByteBuf;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import reactor.core.publisher.Flux;

/** The messages of a connection. */
@SuppressWarnings("NullAway.Init")
public class ReceiveTckTest extends PublisherVerification<ByteBuf> {

    private Loopback loopback;

    public ReceiveTckTest() {
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
        return 1000;
    }

    @Override
    public Publisher<ByteBuf> createPublisher(long elements) {
        Loopback.Pair pair = loopback.connect();
        pair.accepting()
                .send(Flux.range(0, (int) elements).map(Loopback::bytes))
                .then(pair.accepting().close())
                .subscribe();
        return pair.dialing().receive();
    }

    @Override
    public Publisher<ByteBuf> createFailedPublisher() {
        PeerConnection connection = loopback.connect().dialing();
        connection.receive().subscribe();
        return connection.receive();
    }
}
