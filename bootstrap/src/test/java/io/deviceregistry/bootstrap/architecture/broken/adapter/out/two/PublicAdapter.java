package io.deviceregistry.bootstrap.architecture.broken.adapter.out.two;

public class PublicAdapter {}
