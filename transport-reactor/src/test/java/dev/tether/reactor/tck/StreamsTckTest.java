package dev.tether.reactor.tck;

import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerStream;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import reactor.core.publisher.Flux;

/** The streams that a peer opens. */
@SuppressWarnings("NullAway.Init")
public class StreamsTckTest extends PublisherVerification<PeerStream> {

    private Loopback loopback;

    public StreamsTckTest() {
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
        return 200;
    }

    @Override
    public Publisher<PeerStream> createPublisher(long elements) {
        Loopback.Pair pair = loopback.connect();
        Flux.range(0, (int) elements)
                .flatMap(i -> pair.accepting().openUniStream().flatMap(stream -> stream.send(Flux.empty())))
                .then(pair.accepting().close())
                .subscribe();
        return pair.dialing().streams();
    }

    @Override
    public Publisher<PeerStream> createFailedPublisher() {
        PeerConnection connection = loopback.connect().dialing();
        connection.streams().subscribe();
        return connection.streams();
    }
}
