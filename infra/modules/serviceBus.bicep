// The namespace and its queues; topics are one module each because they nest subscriptions.
@description('6 to 50 characters.')
@minLength(6)
@maxLength(50)
param name string

@description('Region.')
param location string

@description('Region that a Premium namespace replicates to; empty for none.')
param secondLocation string

@description('On every resource.')
param tags object

@description('Premium or Standard.')
param premium bool

@description('Messaging units; Premium only.')
param messagingUnits int

@description('Reachable from outside the network. Standard always is.')
param publicAccess bool

@description('Content of topology.json.')
param topology object

@description('Workspace for logs and metrics.')
param workspaceId string

var replicated = premium && !empty(secondLocation)
var tier = premium ? 'Premium' : 'Standard'

// 5 GB: some 20,000 envelopes of 256 KiB that nobody fetches, or a day of small ones.
var maxSizeInMegabytes = 5120

var delegationTopics = map(topology.delegations, delegation => union(topology.delegationTopic, { name: '${topology.delegationTopic.prefix}${delegation}' }))
var topics = concat(topology.topics, delegationTopics)

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: tier
    tier: tier
    capacity: premium ? messagingUnits : null
  }
  properties: {
    // No SAS keys: every caller is an identity with a role on one entity.
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    // One partition keeps each queue's order whole and duplicate detection by message id exact.
    premiumMessagingPartitions: premium ? 1 : null
    // Asynchronous, refusing writes when the second region falls 5 minutes behind: that is the most that a forced failover can lose.
    geoDataReplication: replicated ? {
      maxReplicationLagDurationInSeconds: 300
      locations: [
        {
          locationName: location
          roleType: 'Primary'
        }
        {
          locationName: secondLocation
          roleType: 'Secondary'
        }
      ]
    } : null
  }
}

// requiresDuplicateDetection and requiresSession cannot be changed on an existing entity: a change in topology.json means a new entity name.
resource queues 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = [for queue in topology.queues: {
  parent: namespace
  name: queue.name
  properties: {
    lockDuration: queue.lockDuration
    maxDeliveryCount: queue.maxDeliveryCount
    defaultMessageTimeToLive: queue.defaultMessageTimeToLive
    deadLetteringOnMessageExpiration: queue.deadLetteringOnMessageExpiration
    requiresDuplicateDetection: queue.requiresDuplicateDetection
    requiresSession: queue.requiresSession
    maxSizeInMegabytes: maxSizeInMegabytes
    enableBatchedOperations: true
  }
}]

module topicModules 'topic.bicep' = [for topic in topics: {
  // A deployment name has 64 characters and a topic up to 61, hence the hash.
  name: 'relay-topic-${uniqueString(topic.name)}'
  params: {
    namespaceName: namespace.name
    topic: topic
    maxSizeInMegabytes: maxSizeInMegabytes
  }
}]

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'relay'
  scope: namespace
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

@description('Resource id.')
output id string = namespace.id

@description('Name of the namespace, once its entities exist.')
output name string = namespace.name

@description('What clients connect to.')
output host string = replace(replace(namespace.properties.serviceBusEndpoint, 'https://', ''), ':443/', '')
