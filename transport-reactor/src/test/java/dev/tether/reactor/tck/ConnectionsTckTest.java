package dev.tether.reactor.tck;

import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import reactor.core.publisher.Mono;

/** The connections that peers open. */
@SuppressWarnings("NullAway.Init")
public class ConnectionsTckTest extends PublisherVerification<PeerConnection> {

    private Loopback loopback;

    public ConnectionsTckTest() {
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
    public Publisher<PeerConnection> createPublisher(long elements) {
        TransportNode server = loopback.node();
        for (int i = 0; i < elements; i++) {
            Loopback.connect(loopback.node(), server);
        }
        Mono.delay(Duration.ofMillis(500)).subscribe(late -> server.dispose());
        return server.connections();
    }

    @Override
    public Publisher<PeerConnection> createFailedPublisher() {
        TransportNode server = loopback.node();
        server.connections().subscribe();
        return server.connections();
    }
}
