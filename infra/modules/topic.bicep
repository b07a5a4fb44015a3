// One topic with its subscriptions, as topology.json has it.
@description('The namespace.')
param namespaceName string

@description('An item of topics, or delegationTopic with a name.')
param topic object

@description('Size after which sends are refused.')
param maxSizeInMegabytes int

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' existing = {
  name: namespaceName
}

resource entity 'Microsoft.ServiceBus/namespaces/topics@2026-01-01' = {
  parent: namespace
  name: topic.name
  properties: {
    defaultMessageTimeToLive: topic.defaultMessageTimeToLive
    requiresDuplicateDetection: topic.requiresDuplicateDetection
    duplicateDetectionHistoryTimeWindow: topic.requiresDuplicateDetection ? topic.duplicateDetectionHistoryTimeWindow : null
    maxSizeInMegabytes: maxSizeInMegabytes
    enableBatchedOperations: true
    supportOrdering: true
  }
}

// autoDeleteOnIdle stays unset, which is never: an inbox that nobody reads for a while must not vanish with its messages.
resource subscriptions 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2026-01-01' = [for subscription in topic.subscriptions: {
  parent: entity
  name: subscription.name
  properties: {
    lockDuration: subscription.lockDuration
    maxDeliveryCount: subscription.maxDeliveryCount
    defaultMessageTimeToLive: subscription.defaultMessageTimeToLive
    deadLetteringOnMessageExpiration: subscription.deadLetteringOnMessageExpiration
    requiresSession: subscription.requiresSession
    enableBatchedOperations: true
  }
}]
