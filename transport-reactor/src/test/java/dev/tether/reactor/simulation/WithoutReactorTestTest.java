package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Reactor Test is optional: without it there is no installed virtual time to follow, and all else works. */
class WithoutReactorTestTest {

    @Test
    void aNetworkMovesItsOwnTimeWithoutReactorTestOnTheClassPath() throws Exception {
        URL[] classPath = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("reactor-test"))
                .map(WithoutReactorTestTest::url)
                .toArray(URL[]::new);
        try (URLClassLoader loader = new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader())) {
            assertThatThrownBy(() -> loader.loadClass("reactor.test.scheduler.VirtualTimeScheduler"))
                    .isInstanceOf(ClassNotFoundException.class);
            Class<?> type = loader.loadClass(SimulatedNetwork.class.getName());
            Object network = type.getMethod("create", long.class).invoke(null, 1L);
            type.getMethod("advance", Duration.class).invoke(network, Duration.ofSeconds(3));

            assertThat(type.getMethod("elapsed").invoke(network)).isEqualTo(Duration.ofSeconds(3));
        }
    }

    private static URL url(String entry) {
        try {
            return new File(entry).toURI().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(entry, e);
        }
    }
}
