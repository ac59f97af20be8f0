package dev.tether.reactor.tck;

import dev.tether.core.ConnectionState;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The states of a connection: the last one of a closed one, two of one that is about to be closed. */
@SuppressWarnings("NullAway.Init")
public class StatesTckTest extends PublisherVerification<ConnectionState> {

    private Loopback loopback;

    public StatesTckTest() {
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
        return 2;
    }

    @Override
    public Publisher<ConnectionState> createPublisher(long elements) {
        PeerConnection connection = loopback.connect().dialing();
        if (elements == 2) {
            Mono.delay(Duration.ofMillis(100)).then(connection.close()).subscribe();
        } else {
            connection.close().block(Loopback.LIMIT);
        }
        return connection.states();
    }

    @Override
    public Publisher<ConnectionState> createFailedPublisher() {
        TransportNode node = loopback.node();
        PeerConnection connection = Loopback.connect(node, loopback.node());
        node.dispose();
        node.onDispose().block(Loopback.LIMIT);
        return Flux.defer(connection::states).skip(1);
    }
}
