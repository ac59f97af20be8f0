package dev.tether.reactor.tck;

import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.AfterClass;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;
import reactor.core.publisher.Mono;

/** The connections that peers open. */
@SuppressWarnings("NullAway.Init")
public class ConnectionsTckTest extends PublisherVerification<PeerConnection> {

    private static final int MAX_ELEMENTS = 20;

    /** Those that connect; each server sees them as peers of its own. */
    private Loopback dialing;

    private List<TransportNode> dialers;
    private Loopback loopback;

    public ConnectionsTckTest() {
        super(new TestEnvironment(2_000, 200));
    }

    @BeforeClass
    public void openDialers() {
        dialing = new Loopback();
        dialers = Stream.generate(dialing::node).limit(MAX_ELEMENTS).toList();
    }

    @AfterClass
    public void closeDialers() {
        dialing.close();
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
        return MAX_ELEMENTS;
    }

    @Override
    public Publisher<PeerConnection> createPublisher(long elements) {
        TransportNode server = loopback.node();
        for (int i = 0; i < elements; i++) {
            Loopback.connect(dialers.get(i), server);
        }
        Mono.delay(Duration.ofMillis(100)).subscribe(late -> server.dispose());
        return server.connections();
    }

    @Override
    public Publisher<PeerConnection> createFailedPublisher() {
        TransportNode server = loopback.node();
        server.connections().subscribe();
        return server.connections();
    }
}
