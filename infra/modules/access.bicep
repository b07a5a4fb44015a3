// Every data right in one place (the host's own storage and telemetry aside, which are beside their resources). Each is on one entity:
// no assignment on the namespace, the vault or the account of the relay's data. tests/Relay.Infra.Tests computes the table in
// infra/README.md from this file and fails when they differ.
@description('Content of topology.json.')
param topology object

@description('Service Bus namespace.')
param busName string

@description('Key vault.')
param vaultName string

@description('Storage account of the relay\'s data.')
param dataName string

@description('Name of the relay\'s identity.')
param relayName string

@description('The relay.')
param relayPrincipalId string

@description('Object id by delegation.')
param delegationPrincipals object

@description('Object id by mediator.')
param mediatorPrincipals object

@description('Object ids of operators\' groups.')
param operatorPrincipals array

@description('Role with keys/read and keys/sign only.')
param signingRoleId string

@description('See main.bicep.')
param scaleOnQueueLength bool

// The relay's assignments are named for its identity's name, known beforehand (see main.bicep). An identity deleted and made anew is another
// principal: its old assignments have to be deleted, or the deployment is refused.
var roles = {
  busSender: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
  busReceiver: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
  busOwner: '090c5cfd-751d-490a-894a-3ce6f1109419'
  keyReader: '21090545-7ca7-4776-b22c-e363652d74d2'
  blobContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  blobReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
}

var queueCount = length(topology.queues)
var topicNames = concat(
  map(topology.topics, topic => topic.name),
  map(topology.delegations, delegation => '${topology.delegationTopic.prefix}${delegation}')
)
var inboxName = topology.delegationTopic.subscriptions[0].name
var mediators = filter(topology.mediators, mediator => contains(mediatorPrincipals, mediator.name))
// One principal may stand for several mediators, and has a role on a queue once.
var senders = union(map(mediators, mediator => mediatorPrincipals[mediator.name]), [])
var delegations = filter(topology.delegations, delegation => contains(delegationPrincipals, delegation))

resource bus 'Microsoft.ServiceBus/namespaces@2026-01-01' existing = {
  name: busName
}

resource queues 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' existing = [for queue in topology.queues: {
  parent: bus
  name: queue.name
}]

resource topics 'Microsoft.ServiceBus/namespaces/topics@2026-01-01' existing = [for name in topicNames: {
  parent: bus
  name: name
}]

resource inboxTopics 'Microsoft.ServiceBus/namespaces/topics@2026-01-01' existing = [for delegation in delegations: {
  parent: bus
  name: '${topology.delegationTopic.prefix}${delegation}'
}]

resource inboxes 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2026-01-01' existing = [for (delegation, i) in delegations: {
  parent: inboxTopics[i]
  name: inboxName
}]

resource allInboxes 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2026-01-01' existing = [for (delegation, i) in topology.delegations: {
  parent: topics[length(topology.topics) + i]
  name: inboxName
}]

resource signals 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2026-01-01' existing = {
  parent: topics[0]
  name: topology.topics[0].subscriptions[0].name
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

resource relayKeys 'Microsoft.KeyVault/vaults/keys@2024-11-01' existing = [for key in topology.keys: {
  parent: vault
  name: key.name
}]

resource mediatorKeys 'Microsoft.KeyVault/vaults/keys@2024-11-01' existing = [for mediator in topology.mediators: {
  parent: vault
  name: '${topology.mediatorKey.prefix}${mediator.name}'
}]

resource ownKeys 'Microsoft.KeyVault/vaults/keys@2024-11-01' existing = [for mediator in mediators: {
  parent: vault
  name: '${topology.mediatorKey.prefix}${mediator.name}'
}]

resource data 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: dataName
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' existing = {
  parent: data
  name: 'default'
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' existing = [for container in topology.containers: {
  parent: blobs
  name: container.name
}]

resource operatorLog 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' existing = {
  parent: blobs
  name: 'operators'
}

resource relayReceives 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for i in range(0, queueCount): {
  name: guid(queues[i].id, relayName, roles.busReceiver)
  scope: queues[i]
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.busReceiver)
    principalId: relayPrincipalId
    principalType: 'ServicePrincipal'
  }
}]

// Envelopes posted over HTTP are queued, and an envelope held up by transient trouble goes back with a later time.
resource relayRequeues 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for i in range(0, queueCount): {
  name: guid(queues[i].id, relayName, roles.busSender)
  scope: queues[i]
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.busSender)
    principalId: relayPrincipalId
    principalType: 'ServicePrincipal'
  }
}]

resource relayMeasures 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for i in range(0, queueCount): if (scaleOnQueueLength) {
  name: guid(queues[i].id, relayName, roles.busOwner)
  scope: queues[i]
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.busOwner)
    principalId: relayPrincipalId
    principalType: 'ServicePrincipal'
  }
}]

resource relayForwards 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (name, i) in topicNames: {
  name: guid(topics[i].id, relayName, roles.busSender)
  scope: topics[i]
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.busSender)
    principalId: relayPrincipalId
    principalType: 'ServicePrincipal'
  }
}]

// Dead letters of the delegations' subscriptions, for operators: their subqueues have no right of their own. Of every delegation's, with a
// principal or without.
resource relayMends 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (delegation, i) in topology.delegations: {
  name: guid(allInboxes[i].id, relayName, roles.busReceiver)
  scope: allInboxes[i]
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.busReceiver)
    principalId: relayPrincipalId
    principalType: 'ServicePrincipal'
  }
}]

resource delegationReceives 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (delegation, i) in delegations: {
  name: guid(inboxes[i].id, delegationPrincipals[delegation], roles.busReceiver)
  scope: inboxes[i]
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.busReceiver)
    principalId: delegationPrincipals[delegation]
    principalType: 'ServicePrincipal'
  }
}]

// One assignment per sender and queue; i counts the pairs.
resource mediatorSends 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for i in range(0, length(senders) * queueCount): {
  name: guid(queues[i % queueCount].id, senders[i / queueCount], roles.busSender)
  scope: queues[i % queueCount]
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.busSender)
    principalId: senders[i / queueCount]
    principalType: 'ServicePrincipal'
  }
}]

resource mediatorSigns 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (mediator, i) in mediators: {
  name: guid(ownKeys[i].id, mediatorPrincipals[mediator.name], signingRoleId)
  scope: ownKeys[i]
  properties: {
    roleDefinitionId: signingRoleId
    principalId: mediatorPrincipals[mediator.name]
    principalType: 'ServicePrincipal'
  }
}]

resource relaySigns 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (key, i) in topology.keys: {
  name: guid(relayKeys[i].id, relayName, signingRoleId)
  scope: relayKeys[i]
  properties: {
    roleDefinitionId: signingRoleId
    principalId: relayPrincipalId
    principalType: 'ServicePrincipal'
  }
}]

// Public keys and whether they are enabled and in date; verifying is done in the relay's own process.
resource relayVerifies 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (mediator, i) in topology.mediators: {
  name: guid(mediatorKeys[i].id, relayName, roles.keyReader)
  scope: mediatorKeys[i]
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyReader)
    principalId: relayPrincipalId
    principalType: 'ServicePrincipal'
  }
}]

// The relay reads the directory and cannot write it: who may speak and what quorum holds is not its to decide.
resource relayStores 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (container, i) in topology.containers: {
  name: guid(containers[i].id, relayName, container.relay == 'write' ? roles.blobContributor : roles.blobReader)
  scope: containers[i]
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', container.relay == 'write' ? roles.blobContributor : roles.blobReader)
    principalId: relayPrincipalId
    principalType: 'ServicePrincipal'
  }
}]

resource operatorKeepsDirectory 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for principal in operatorPrincipals: {
  name: guid(containers[0].id, principal, roles.blobContributor)
  scope: containers[0]
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobContributor)
    principalId: principal
    principalType: 'Group'
  }
}]

// What operators do by command stands in the same log as what they do over HTTP.
resource operatorKeepsLog 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for principal in operatorPrincipals: {
  name: guid(operatorLog.id, principal, roles.blobContributor)
  scope: operatorLog
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobContributor)
    principalId: principal
    principalType: 'Group'
  }
}]

resource operatorReadsSignals 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for principal in operatorPrincipals: {
  name: guid(signals.id, principal, roles.busReceiver)
  scope: signals
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.busReceiver)
    principalId: principal
    principalType: 'Group'
  }
}]
