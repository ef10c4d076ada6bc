package io.deviceregistry.bootstrap.architecture.broken.application.service;

import jakarta.inject.Singleton;

@Singleton
public class FrameworkInApplication {}
