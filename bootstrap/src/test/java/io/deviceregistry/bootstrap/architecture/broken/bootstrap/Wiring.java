package io.deviceregistry.bootstrap.architecture.broken.bootstrap;

public class Wiring {}
