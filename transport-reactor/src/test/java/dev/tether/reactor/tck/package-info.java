/**
 * The technology compatibility kit of Reactive Streams, applied to what the public API publishes and subscribes with, over
 * loopback. The kit is written for TestNG.
 */
package dev.tether.reactor.tck;
